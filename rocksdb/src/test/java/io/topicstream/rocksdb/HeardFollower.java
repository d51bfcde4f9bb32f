package io.topicstream.rocksdb;

import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A follower that writes down what it hears, in words.
class HeardFollower implements Follower {
    final List<String> heard = new CopyOnWriteArrayList<>();

    @Override
    public void onFollowed(Extent extent) {
        heard.add("followed " + extent.nextOffset());
    }

    @Override
    public void onCommitted(Batch batch) {
        batch.messages().forEach(message -> heard.add(message.offset() + ": " + text(message.payload())));
    }

    @Override
    public void onSignal(byte[] signal) {
        heard.add("signal " + text(signal));
    }

    @Override
    public void onLost() {
        heard.add("lost");
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
