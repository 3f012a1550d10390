"""What an upload is and which way it may go; knows neither AWS nor PostgreSQL."""
