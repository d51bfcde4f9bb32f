<<<<<<< HEAD
/// The log: named topics, their messages, and the two ports through which everything else reaches
/// them. [io.topicstream.log.TopicLog] stores and reads; [io.topicstream.log.TopicFeed] tells the
/// lanes of live nodes what was committed. The ordering promises stand on the ports; every engine
/// proves them with the contract suite of the test kit.
=======
/// The log: what a topic's messages are, and where they are kept. A topic's name, its messages and their offsets,
/// and the ports by which an engine stores them and tells of what was stored. Everything else stands on this
/// package; it stands on nothing.
>>>>>>> build
@NullMarked
package io.topicstream.log;

import org.jspecify.annotations.NullMarked;
