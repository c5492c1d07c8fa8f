//! The console's router, with requests as browsers and attackers send them.

mod desk;
mod forms;
mod pages;
mod sign_in;
