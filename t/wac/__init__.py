"""The harness of t/: real PostgreSQL, real nginx, terminals made of sockets."""
