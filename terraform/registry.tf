resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_136:images hold no secret; ECR encrypts them with its own key
  for_each = toset(["api", "worker", "ops"])

  name                 = "${var.name}/${each.key}"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.deletion_protection

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "The last 30 images: enough to roll back"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 30 }
      action       = { type = "expire" }
    }]
  })
}

locals {
  images = { for name, repository in aws_ecr_repository.this : name => "${repository.repository_url}@${var.image_digests[name]}" }
}
