# Three, and more as requests come. cloud_run.concurrency: what forestd bench prints on one such instance.
environment = "prod"
instances   = { minimum = 3, maximum = 20 }
cloud_run   = { cpu = "2", memory = "1Gi", concurrency = 80, always_allocated = true }
vertex_ai   = { machine_type = "n2-standard-4", cpu_percent = 70 }

log_retention_days = 90
alerts             = { errors = 1, latency = 50 }
