# REQUIRED

variable "name" {
  description = "What every name begins with, such as touchlake-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,20}$", var.name)) && !endswith(var.name, "-")
    error_message = "name must be 3 to 21 lower-case letters, digits and hyphens, beginning with a letter: bucket and load balancer names end in it."
  }
}

variable "region" {
  description = "The region, such as eu-central-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a region's name, such as eu-central-1."
  }
}

variable "domain_name" {
  description = "The API's host name, such as events.example.com."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a full host name in lower case, such as events.example.com."
  }
}

variable "zone_id" {
  description = "The Route 53 zone that holds domain_name; it must exist."
  type        = string

  validation {
    condition     = can(regex("^[A-Z0-9]{8,32}$", var.zone_id))
    error_message = "zone_id must be the id of a Route 53 zone: capitals and digits."
  }
}

variable "image_digests" {
  description = "The digests of the images in the repositories, as the push printed them."
  type        = object({ api = string, worker = string, ops = string })

  validation {
    condition     = alltrue([for digest in values(var.image_digests) : can(regex("^sha256:[0-9a-f]{64}$", digest))])
    error_message = "image_digests must be sha256: and 64 hex digits: a tag may come to mean another image."
  }
}

variable "write_keys" {
  description = "Write key to the name of its source. Never in the state: it is written when write_keys_version is raised."
  type        = map(string)
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.write_keys) > 0 && alltrue([for key, source in var.write_keys : length(key) >= 16 && length(source) > 0])
    error_message = "write_keys must hold at least one key of 16 or more characters, each with a source: the API starts with none of them missing."
  }
}

# OPTIONAL: what runs

variable "write_keys_version" {
  description = "Raise it to write write_keys anew."
  type        = number
  default     = 1

  validation {
    condition     = var.write_keys_version >= 1 && floor(var.write_keys_version) == var.write_keys_version
    error_message = "write_keys_version must be a whole number from 1."
  }
}

variable "flush_seconds" {
  description = "Seconds that a worker gathers before it writes: freshness against the number of S3 calls."
  type        = number
  default     = 60

  validation {
    condition     = var.flush_seconds >= 1 && var.flush_seconds <= 3600
    error_message = "flush_seconds must be from 1 to 3600 (modules/timing says why)."
  }
}

variable "retention_days" {
  description = "Days that the queue keeps what nobody has read; the dead-letter queue keeps 14."
  type        = number
  default     = 4

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 7
    error_message = "retention_days must be from 1 to 7, half of what the dead-letter queue keeps at most."
  }
}

variable "max_message_size" {
  description = "Bytes of a queue message. SQS takes 1048576 and the API may send up to about 350,000, but providers before 6.8 refuse more than 262144."
  type        = number
  default     = 262144

  validation {
    condition     = var.max_message_size >= 262144 && var.max_message_size <= 1048576
    error_message = "max_message_size must be from 262144 to 1048576."
  }
}

variable "api" {
  description = "The API's tasks: size, how many, and the requests a minute that one is meant to take."
  type = object({
    cpu                 = optional(number, 1024)
    memory              = optional(number, 2048)
    min_tasks           = optional(number, 2)
    max_tasks           = optional(number, 20)
    requests_per_target = optional(number, 60000)
    cpu_target          = optional(number, 60)
  })
  default = {}

  validation {
    condition     = var.api.min_tasks >= 1 && var.api.max_tasks >= var.api.min_tasks
    error_message = "api.min_tasks must be at least 1, and api.max_tasks no less."
  }

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.api.cpu) && var.api.memory >= 2 * var.api.cpu && var.api.memory <= 8 * var.api.cpu
    error_message = "api.cpu and api.memory must be a size that Fargate has: 2 to 8 MiB for each CPU unit."
  }
}

variable "worker" {
  description = "The workers' tasks: size, how many (min_tasks 0 lets them all stop), messages a task (docs/scaling.md has the rule and what it gives), share on Spot in percent."
  type = object({
    cpu                    = optional(number, 1024)
    memory                 = optional(number, 2048)
    min_tasks              = optional(number, 1)
    max_tasks              = optional(number, 50)
    backlog_per_task       = optional(number, 900)
    cpu_target             = optional(number, 70)
    spot_percent           = optional(number, 70)
    on_demand_before_spots = optional(number, 1)
  })
  default = {}

  validation {
    condition     = var.worker.min_tasks >= 0 && var.worker.max_tasks >= max(1, var.worker.min_tasks)
    error_message = "worker.min_tasks must be at least 0, and worker.max_tasks at least 1 and no less."
  }

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.worker.cpu) && var.worker.memory >= 2 * var.worker.cpu && var.worker.memory <= 8 * var.worker.cpu
    error_message = "worker.cpu and worker.memory must be a size that Fargate has: 2 to 8 MiB for each CPU unit."
  }

  validation {
    condition     = var.worker.memory >= 1024
    error_message = "worker.memory must be at least 1024 MiB: a worker holds 256 MiB of rows, and writes while it holds them."
  }

  validation {
    condition     = var.worker.backlog_per_task > 0 && var.worker.spot_percent >= 0 && var.worker.spot_percent <= 100
    error_message = "worker.backlog_per_task must be more than 0, and worker.spot_percent from 0 to 100."
  }
}

variable "ledger" {
  description = "The task that compares a day's accepted events with the stored ones: about 300 MiB for each million events of the day."
  type = object({
    cpu    = optional(number, 512)
    memory = optional(number, 2048)
  })
  default = {}

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.ledger.cpu) && var.ledger.memory >= 2 * var.ledger.cpu && var.ledger.memory <= 8 * var.ledger.cpu
    error_message = "ledger.cpu and ledger.memory must be a size that Fargate has: 2 to 8 MiB for each CPU unit."
  }
}

variable "cpu_architecture" {
  description = "ARM64 or X86_64, as the images were built."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.cpu_architecture)
    error_message = "cpu_architecture must be ARM64 or X86_64."
  }
}

variable "api_origins" {
  description = "Origins of web pages that may send (TOUCHLAKE_API_ORIGINS)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.api_origins : can(regex("^https://[^/,]+$", origin))])
    error_message = "api_origins must be https:// and a host, with no path."
  }
}

variable "suppress_users_s3_key" {
  description = "Key in the lake's bucket of the list of erased users (TOUCHLAKE_SUPPRESS_USERS_S3_KEY). With it, the API starts only when S3 answers."
  type        = string
  default     = null

  validation {
    condition     = var.suppress_users_s3_key == null ? true : !can(regex("^(events|rejected|ledger)/|^/|[*?]", var.suppress_users_s3_key))
    error_message = "suppress_users_s3_key must be one key outside events/, rejected/ and ledger/."
  }
}

# OPTIONAL: around it

variable "vpc_cidr" {
  description = "The network's addresses."
  type        = string
  default     = "10.42.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 8, 255))
    error_message = "vpc_cidr must be a network with at least 8 bits to spare, such as 10.42.0.0/16."
  }
}

variable "availability_zones" {
  description = "How many zones tasks and load balancer stand in."
  type        = number
  default     = 2

  validation {
    condition     = var.availability_zones >= 2 && var.availability_zones <= 4
    error_message = "availability_zones must be from 2 to 4: a load balancer needs two."
  }
}

variable "egress" {
  description = "How tasks reach AWS: endpoints (nothing else can be reached) or nat (README: the cost of each)."
  type        = string
  default     = "endpoints"

  validation {
    condition     = contains(["endpoints", "nat"], var.egress)
    error_message = "egress must be endpoints or nat."
  }
}

variable "requests_per_address" {
  description = "Requests in five minutes past which the firewall refuses an address. A company's gateway is one address."
  type        = number
  default     = 100000

  validation {
    condition     = var.requests_per_address >= 100 && var.requests_per_address <= 2000000000
    error_message = "requests_per_address must be from 100 to 2000000000: what AWS WAF takes."
  }
}

variable "noncurrent_days" {
  description = "Days that older versions of the lake's objects are kept: the time to notice a mistake, and the time an erased user's rows still exist."
  type        = number
  default     = 7

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days must be at least 1."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096], var.log_retention_days)
    error_message = "log_retention_days must be a number of days that CloudWatch has, such as 7, 30 or 365."
  }
}

variable "alarm_emails" {
  description = "Who is told when an alarm goes off; each must confirm AWS's first mail."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alarm_emails must be mail addresses."
  }
}

variable "athena_scan_gib" {
  description = "GiB that one Athena query may scan before it is stopped."
  type        = number
  default     = 100

  validation {
    condition     = var.athena_scan_gib >= 1
    error_message = "athena_scan_gib must be at least 1."
  }
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted and images and secret outlive a destroy. The lake always does."
  type        = bool
  default     = true
}

variable "existing_lake" {
  description = "The bucket that an earlier stack of this name left behind, to take it back. It does no harm once it is taken."
  type        = string
  default     = null

  validation {
    condition     = var.existing_lake == null ? true : startswith(var.existing_lake, "${var.name}-lake-")
    error_message = "existing_lake must be NAME-lake-ACCOUNT: another bucket would be replaced."
  }
}

variable "aws_max_retries" {
  description = "How often the provider repeats a failed AWS call; null is its default of 25."
  type        = number
  default     = null
}
