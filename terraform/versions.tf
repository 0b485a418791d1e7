terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

terraform {
  # Bucket, key and region come from a file: terraform init -backend-config=prod.s3.tfbackend (README).
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region      = var.region
  max_retries = var.aws_max_retries

  default_tags {
    tags = { Project = "touchlake", Stack = var.name }
  }
}

data "aws_caller_identity" "current" {}
