# One small instance, which sleeps while nobody asks on Cloud Run with minimum = 0.
environment = "dev"
instances   = { minimum = 1, maximum = 1 }
cloud_run   = { cpu = "1", memory = "512Mi", concurrency = 80 }
vertex_ai   = { machine_type = "n2-standard-2" }

log_retention_days = 7
