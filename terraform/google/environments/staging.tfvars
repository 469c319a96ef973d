# Two, as many as it takes to see what more than one does.
environment = "staging"
instances   = { minimum = 2, maximum = 2 }
cloud_run   = { cpu = "1", memory = "512Mi", concurrency = 80 }
vertex_ai   = { machine_type = "n2-standard-2" }
