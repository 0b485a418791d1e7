name                  = "touchlake-prod"
region                = "eu-central-1"
domain_name           = "events.example.com"
zone_id               = "Z000000000PROD"
image_digests         = { api = "sha256:0000000000000000000000000000000000000000000000000000000000000000", worker = "sha256:0000000000000000000000000000000000000000000000000000000000000000", ops = "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
flush_seconds         = 60
api                   = { min_tasks = 3, max_tasks = 30 }
worker                = { min_tasks = 2, max_tasks = 50, on_demand_before_spots = 2 }
availability_zones    = 3
suppress_users_s3_key = "suppressed-users.txt"
alarm_emails          = ["oncall@example.com"]
