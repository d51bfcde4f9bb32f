/// The network: HTTP/1.1, WebSocket and TLS on one port, over Netty. It knows nothing of topics, nor of any
/// other module of the project.
module io.topicstream.transport {
    // Static: only the compiler reads the annotations. Transitive: they stand on exported types.
    requires static transitive org.jspecify;
    // What frames are made of, and the loops that callbacks come on.
    requires transitive io.netty.buffer;
    requires transitive io.netty.transport;
    requires io.netty.codec;
    requires io.netty.codec.haproxy;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires java.logging;

    exports io.topicstream.transport;
    exports io.topicstream.transport.client;
}
