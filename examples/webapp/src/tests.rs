//! What the application promises, asked of the real server on a port of the system's choice.
mod arguments;
mod count;
mod crowd;
mod pages;
mod server;
