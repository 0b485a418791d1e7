module "queue" {
  source                        = "./modules/queue"
  name                          = var.name
  region                        = var.region
  account_id                    = data.aws_caller_identity.current.account_id
  visibility_timeout            = module.timing.visibility_timeout
  max_receives                  = module.timing.max_receives
  retention_seconds             = module.timing.retention_seconds
  dead_letter_retention_seconds = module.timing.dead_letter_retention_seconds
  max_message_size              = var.max_message_size
}
