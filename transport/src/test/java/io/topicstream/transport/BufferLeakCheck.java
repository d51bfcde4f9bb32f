package io.topicstream.transport;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test class in which a Netty buffer was dropped without being released; without it a leak is
/// only a line in the log. Found by JUnit as a service, so that no test has to ask for it.
///
/// Netty hears of a dropped buffer when the garbage collector has found it, and looks there only when
/// the next buffer is made; so after each class the collector is asked to run, and a buffer is made. A
/// buffer that some thread still holds then, such as one on an event loop that is about to end, is
/// found after a later class: the report names where it was last touched.
public final class BufferLeakCheck implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();
    private static final int COLLECTIONS = 2;
    private static final long LOOK_AGAIN_MS = 200;

    static {
        // Before any of Netty's classes has made itself a detector.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // That this class is loaded is all that it takes.
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getRequiredTestClass().getEnclosingClass() != null) {
            return;
        }
        List<String> leaks = leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError(
                    leaks.size() + " buffers were not released, the first of them:\n" + leaks.getFirst());
        }
    }

    /// What was found since the last call.
    static List<String> leaks() {
        for (int i = 0; i < COLLECTIONS; i++) {
            awaitCollection();
            UnpooledByteBufAllocator.DEFAULT.directBuffer(1, 1).release();
        }
        List<String> found = new ArrayList<>();
        for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
            found.add(report);
        }
        return found;
    }

    /// Returns when the collector has found something that was dropped just now.
    private static void awaitCollection() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        PhantomReference<Object> dropped = new PhantomReference<>(new Object(), queue);
        long deadlineNs = System.nanoTime() + SECONDS.toNanos(10);
        try {
            boolean found = false;
            while (!found && System.nanoTime() - deadlineNs < 0) {
                System.gc();
                found = queue.remove(LOOK_AGAIN_MS) != null;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Reference.reachabilityFence(dropped);
        }
    }

    private static final class Factory extends ResourceLeakDetectorFactory {
        @Override
        @Deprecated
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            return new Detector<>(resource, samplingInterval);
        }
    }

    private static final class Detector<T> extends ResourceLeakDetector<T> {
        Detector(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            REPORTS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            REPORTS.add(resourceType);
        }
    }
}
