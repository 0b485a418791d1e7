variable "bucket" {
  description = "The bucket's name. Unique in all of S3."
  type        = string
}

variable "noncurrent_days" {
  description = "Days that an object's older versions are kept: the time to notice a mistake, and the time an erased user's rows still exist."
  type        = number
}
