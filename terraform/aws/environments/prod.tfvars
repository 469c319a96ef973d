# Three, and more as requests come. requests_per_minute: put here the line that forestd bench prints, with your model, on such an instance.
environment         = "prod"
instances           = { minimum = 3, maximum = 12 }
requests_per_minute = 60000
sagemaker           = { instance_type = "ml.c7i.xlarge", rollout = { kind = "canary", wait = 600 } }

log_retention_days = 90
alarms             = { errors = 1, latency = 50 }
