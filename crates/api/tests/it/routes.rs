mod concurrency_limits;
mod events;
mod flows;
mod health;
mod logs;
mod v2_concurrency_limits;
mod work_pools;
