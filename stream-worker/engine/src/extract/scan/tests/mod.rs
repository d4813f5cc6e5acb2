mod recorder;
mod tokens;
mod foreign;
mod hostile;
mod pages;
