# Two, as many as it takes to see what more than one does.
environment = "staging"
instances   = { minimum = 2, maximum = 2 }
sagemaker   = { instance_type = "ml.c7i.large" }
