/// The log: named topics, their messages, and the two ports through which everything else reaches
/// them. [io.topicstream.log.TopicLog] stores and reads; [io.topicstream.log.TopicFeed] tells the
/// lanes of live nodes what was committed. The ordering promises stand on the ports; every engine
/// proves them with the contract suite of the test kit.
@NullMarked
package io.topicstream.log;

import org.jspecify.annotations.NullMarked;
