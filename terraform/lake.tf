module "lake" {
  source          = "./modules/lake"
  bucket          = "${var.name}-lake-${data.aws_caller_identity.current.account_id}"
  noncurrent_days = var.noncurrent_days
}

# A lake outlives its stack, so a new stack may find one. `terraform import` cannot do it: in an empty state it stops
# at every for_each over what is not there yet.
import {
  for_each = var.existing_lake == null ? toset([]) : toset([var.existing_lake])
  to       = module.lake.aws_s3_bucket.this
  id       = each.value
}
