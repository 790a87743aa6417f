"""`popote food`, `log`, `day`, `trends`, `weigh` and `goals`: what foods hold, and what a person eats."""
