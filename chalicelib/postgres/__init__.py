"""PostgreSQL: connections, migrations, and the SQL of uploads."""
