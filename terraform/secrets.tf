# Written through a write-only argument: the keys are in Secrets Manager and nowhere in the state.

resource "aws_secretsmanager_secret" "write_keys" {
  #checkov:skip=CKV_AWS_149:Secrets Manager encrypts with its own key; who may read is settled by IAM
  #checkov:skip=CKV2_AWS_57:apps in the field hold these keys: rotation is a release of theirs, and write_keys_version
  name                    = "${var.name}/write-keys"
  description             = "JSON object of write key and source"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "write_keys" {
  secret_id                = aws_secretsmanager_secret.write_keys.id
  secret_string_wo         = jsonencode(var.write_keys)
  secret_string_wo_version = var.write_keys_version
}
