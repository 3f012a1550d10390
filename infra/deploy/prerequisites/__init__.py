"""What has to be there before the functions: the account and what the stage names, the bucket, the database."""
