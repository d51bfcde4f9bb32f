package io.topicstream.server.crash;

/// Where a message stands.
record Place(String topic, long epoch, long offset) {
    @Override
    public String toString() {
        return topic + "@" + epoch + ":" + offset;
    }
}
