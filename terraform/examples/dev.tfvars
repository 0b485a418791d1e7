# Small, and away again without a trace (but the lake).
name                = "touchlake-dev"
region              = "eu-central-1"
domain_name         = "events.dev.example.com"
zone_id             = "Z0000000000DEV"
image_digests       = { api = "sha256:0000000000000000000000000000000000000000000000000000000000000000", worker = "sha256:0000000000000000000000000000000000000000000000000000000000000000", ops = "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
flush_seconds       = 15
api                 = { cpu = 256, memory = 512, min_tasks = 1, max_tasks = 2 }
worker              = { cpu = 512, memory = 1024, min_tasks = 0, max_tasks = 2, spot_percent = 100, on_demand_before_spots = 0 }
egress              = "nat"
log_retention_days  = 7
athena_scan_gib     = 10
deletion_protection = false
