//! The console's router, with requests as browsers and attackers send them.

mod assertions;
mod deciding;
mod desk;
mod forms;
mod imports;
mod pages;
mod reacts;
mod routes;
mod sign_in;
mod uploads;
