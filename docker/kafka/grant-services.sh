#!/bin/sh
# Makes the Kafka users of the services with what each may do. Run once against a running broker:
#   KAFKA_ADMIN_PASSWORD=… KAFKA_NORMALISER_PASSWORD=… KAFKA_RELAY_PASSWORD=… KAFKA_DELIVERY_PASSWORD=… grant-services.sh kafka:9092
set -eu
brokers=$1
client=$(mktemp)
trap 'rm -f "$client"' EXIT
cat > "$client" <<PROPERTIES
security.protocol=${KAFKA_SECURITY_PROTOCOL:-SASL_PLAINTEXT}
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="tocsin-admin" password="$KAFKA_ADMIN_PASSWORD";
PROPERTIES
bin=/opt/kafka/bin
user() { "$bin/kafka-configs.sh" --bootstrap-server "$brokers" --command-config "$client" --alter --add-config "SCRAM-SHA-512=[password=$2]" --entity-type users --entity-name "$1"; }

user tocsin-normaliser "$KAFKA_NORMALISER_PASSWORD"
user tocsin-relay "$KAFKA_RELAY_PASSWORD"
user tocsin-delivery "$KAFKA_DELIVERY_PASSWORD"
allow() {
  who=$1; shift
  "$bin/kafka-acls.sh" --bootstrap-server "$brokers" --command-config "$client" --add --allow-principal "User:$who" "$@"
}
allow tocsin-normaliser --operation Read --operation Write --operation Describe --topic tocsin.submissions.v1
allow tocsin-normaliser --operation Read --operation Write --operation Describe --topic tocsin.feedback.v1
allow tocsin-normaliser --operation Read --group tocsin-normaliser --resource-pattern-type prefixed
allow tocsin-relay --operation Write --operation Describe --topic tocsin. --resource-pattern-type prefixed
allow tocsin-delivery --operation Read --operation Write --operation Describe --topic tocsin.channel. --resource-pattern-type prefixed
allow tocsin-delivery --operation Write --operation Describe --topic tocsin.platform. --resource-pattern-type prefixed
allow tocsin-delivery --operation Read --group tocsin-delivery --resource-pattern-type prefixed
