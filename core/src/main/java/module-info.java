/// The whole idea of TopicStream, with no library for input or output: what a topic's log is, who listens to it, what
/// is said on the wire and what a client can ask for. Engines and front doors are built around it.
module io.topicstream.core {
    // Static: only the compiler reads the annotations. Transitive: they stand on exported types.
    requires static transitive org.jspecify;

    exports io.topicstream.access;
    exports io.topicstream.command;
    exports io.topicstream.connection;
    exports io.topicstream.dialect;
    exports io.topicstream.door;
    exports io.topicstream.event;
    exports io.topicstream.http;
    exports io.topicstream.http.admin;
    exports io.topicstream.json;
    exports io.topicstream.log;
    exports io.topicstream.migration;
    exports io.topicstream.people;
    exports io.topicstream.policy;
    exports io.topicstream.protocol;
    exports io.topicstream.row;
    exports io.topicstream.session;
    exports io.topicstream.signal;
    exports io.topicstream.state;
    exports io.topicstream.tail;
    exports io.topicstream.topic;
}
