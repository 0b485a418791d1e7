module "timing" {
  source            = "./modules/timing"
  flush_seconds     = var.flush_seconds
  retention_seconds = var.retention_days * 86400
}
