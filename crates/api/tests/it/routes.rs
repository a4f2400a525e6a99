mod concurrency_limits;
mod flows;
mod health;
mod v2_concurrency_limits;
mod work_pools;
