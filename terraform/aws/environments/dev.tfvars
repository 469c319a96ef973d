# One small instance.
environment = "dev"
instances   = { minimum = 1, maximum = 1 }
sagemaker   = { instance_type = "ml.t2.medium" }

log_retention_days = 7
