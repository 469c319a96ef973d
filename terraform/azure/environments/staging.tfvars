# Two, as many as it takes to see what more than one does.
environment = "staging"
instances   = { minimum = 2, maximum = 2 }
size        = { instance_type = "Standard_F2s_v2" }
