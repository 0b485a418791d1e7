output "bucket" {
  description = "TOUCHLAKE_LAKE_BUCKET."
  value       = aws_s3_bucket.this.bucket
}

output "arn" {
  description = "The bucket's ARN."
  value       = aws_s3_bucket.this.arn
}
