# The lake as a table. Partition projection: shards and days are computed, so nothing has to be crawled or added.

locals {
  # shared/rows.py's EVENT_COLUMNS; a test compares. Objects such as properties are read as their JSON text.
  event_columns = [
    "event_id", "type", "event", "name", "user_id", "anonymous_id", "timestamp", "original_timestamp", "sent_at",
    "properties", "traits", "context", "group_id", "previous_id", "extra", "received_at", "source", "client_address",
  ]

  queries = {
    events-of-a-user = "Everything one user did between two days. Parameters: user id, first day, last day."
    daily-features   = "Users and events of each feature, by day. Parameters: first day, last day."
    week-1-retention = "Of the users of a feature on their first day, how many came back in days 7 to 13. Parameters: first day, last day."
  }
}

resource "aws_glue_catalog_database" "this" {
  name = replace(var.name, "-", "_")
}

resource "aws_glue_catalog_table" "events" {
  name          = "events"
  database_name = aws_glue_catalog_database.this.name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    "EXTERNAL"                      = "TRUE"
    "classification"                = "json"
    "projection.enabled"            = "true"
    "projection.shard.type"         = "enum"
    "projection.shard.values"       = "0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f"
    "projection.date.type"          = "date"
    "projection.date.format"        = "yyyy-MM-dd"
    "projection.date.range"         = "2020-01-01,NOW+1DAYS" # the API takes timestamps of up to 24 h ahead
    "projection.date.interval"      = "1"
    "projection.date.interval.unit" = "DAYS"
    "storage.location.template"     = "s3://${module.lake.bucket}/events/shard=$${shard}/date=$${date}/"
  }

  partition_keys {
    name = "shard"
    type = "string"
  }

  partition_keys {
    name = "date"
    type = "string"
  }

  storage_descriptor {
    location      = "s3://${module.lake.bucket}/events/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    dynamic "columns" {
      for_each = local.event_columns

      content {
        name = columns.value
        type = "string"
      }
    }
  }
}

resource "aws_athena_workgroup" "this" {
  name          = var.name
  force_destroy = true # queries can be asked again

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.athena_scan_gib * pow(2, 30)

    result_configuration {
      output_location = "s3://${aws_s3_bucket.results.bucket}/"

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = local.queries

  name        = each.key
  description = each.value
  workgroup   = aws_athena_workgroup.this.name
  database    = aws_glue_catalog_database.this.name
  query       = file("${path.module}/queries/${each.key}.sql")
}

resource "aws_s3_bucket" "results" {
  #checkov:skip=CKV_AWS_145:as for the lake
  #checkov:skip=CKV_AWS_18:as for the lake
  #checkov:skip=CKV_AWS_144:results live a week and can be asked again
  #checkov:skip=CKV_AWS_21:results are written once
  #checkov:skip=CKV2_AWS_62:nobody waits for a notification
  bucket        = "${var.name}-results-${data.aws_caller_identity.current.account_id}"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "results" {
  bucket                  = aws_s3_bucket.results.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "results" {
  bucket = aws_s3_bucket.results.id

  rule {
    id     = "old-results"
    status = "Enabled"

    filter {}

    expiration {
      days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
