# The queue and the lake alone, by the same modules, for LocalStack: docs in ../README.md.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" {
  region = var.region
  # LocalStack runs with SQS and S3 only, so there is nobody to ask who we are.
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variable "name" {
  description = "What the names begin with."
  type        = string
  default     = "touchlake-local"
}

variable "region" {
  description = "LocalStack knows every region."
  type        = string
  default     = "us-east-1"
}

variable "flush_seconds" {
  description = "Seconds that a worker's window gathers before it is written."
  type        = number
  default     = 60
}

module "timing" {
  source        = "../modules/timing"
  flush_seconds = var.flush_seconds
}

module "queue" {
  source                        = "../modules/queue"
  name                          = var.name
  region                        = var.region
  account_id                    = "000000000000" # LocalStack's
  visibility_timeout            = module.timing.visibility_timeout
  max_receives                  = module.timing.max_receives
  retention_seconds             = module.timing.retention_seconds
  dead_letter_retention_seconds = module.timing.dead_letter_retention_seconds
}

module "lake" {
  source          = "../modules/lake"
  bucket          = "${var.name}-lake"
  noncurrent_days = 30
}

output "queue_url" {
  description = "TOUCHLAKE_QUEUE_URL."
  value       = module.queue.url
}

output "dead_letter_queue_url" {
  description = "The dead-letter queue's URL."
  value       = module.queue.dead_letter_url
}

output "lake_bucket" {
  description = "TOUCHLAKE_LAKE_BUCKET."
  value       = module.lake.bucket
}
