# Three, and more as requests come: when the processors are busy, and, once it is set here, when an instance gets more
# than size.requests_per_minute, which forestd bench prints for one such instance.
environment = "prod"
instances   = { minimum = 3, maximum = 10 }
size        = { instance_type = "Standard_F4s_v2", cpu_percent = 70 }

scan               = true
log_retention_days = 90
alerts             = { errors = 1, latency = 50 }
