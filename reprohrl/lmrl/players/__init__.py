"""Who recorded the data sets: policies of rules, as the paper describes them where it does."""
