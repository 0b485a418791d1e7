module "lake" {
  source          = "./modules/lake"
  bucket          = "${var.name}-lake-${data.aws_caller_identity.current.account_id}"
  noncurrent_days = var.noncurrent_days
}
