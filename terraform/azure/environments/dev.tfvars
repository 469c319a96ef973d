# One small instance.
environment = "dev"
instances   = { minimum = 1, maximum = 1 }
size        = { instance_type = "Standard_F2s_v2" }
