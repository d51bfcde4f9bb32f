package io.topicstream.server.forgetful;

/// How the gateway behaves in what API Gateway leaves open, drawn from a seed. That a connection is gone (410) is not
/// drawn: it is so until it has opened, and from its end on.
///
/// @param seed of everything that is drawn
/// @param framesAtOnce whether a frame is run while those before it still are, and may overtake them
/// @param lostEndsIn100 of so many connections of a hundred the end is told to nobody
/// @param busyIn100 so many posts of a hundred are answered that there is too much just now
/// @param mostPostBytes a larger post is refused
/// @param answerMs how long the engine takes to answer, in milliseconds
record Weather(long seed, boolean framesAtOnce, int lostEndsIn100, int busyIn100, int mostPostBytes, long answerMs) {
    /// The most that API Gateway takes in one post.
    static final int POST_BYTES = 128 * 1024;

    /// One frame after the other, and nothing goes wrong.
    static final Weather CALM = new Weather(0, false, 0, 0, POST_BYTES, 0);

    /// All that AWS may do.
    static Weather rough(long seed) {
        return new Weather(seed, true, 30, 10, POST_BYTES, 0);
    }

    Weather losingEnds(int in100) {
        return new Weather(seed, framesAtOnce, in100, busyIn100, mostPostBytes, answerMs);
    }

    Weather busy(int in100) {
        return new Weather(seed, framesAtOnce, lostEndsIn100, in100, mostPostBytes, answerMs);
    }

    Weather takingPostsOf(int bytes) {
        return new Weather(seed, framesAtOnce, lostEndsIn100, busyIn100, bytes, answerMs);
    }

    Weather answeringAfter(long ms) {
        return new Weather(seed, framesAtOnce, lostEndsIn100, busyIn100, mostPostBytes, ms);
    }
}
