"""Who may come in, as whom and for how long: users, memberships, API tokens, and the function that says who asks."""
