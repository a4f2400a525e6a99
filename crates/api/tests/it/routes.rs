mod flows;
mod health;
