package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.client.Receipt;
import org.junit.jupiter.api.Test;

class PrivateChatTest {
    private final PrivateChat chat = new PrivateChat("dm:ada~bob", "bob");

    private String onReceipt(long delivered, long read) {
        chat.onReceipt(new Receipt("bob", delivered, read));
        return chat.mark();
    }

    @Test
    void theLastMessageIsMarkedOnceAsItIsGotAndRead() {
        assertThat(onReceipt(3, 3)).isNull();
        chat.said(4);
        assertThat(chat.mark()).isNull();
        assertThat(onReceipt(3, -1)).isNull();
        assertThat(onReceipt(4, -1)).isEqualTo("has got it");
        assertThat(onReceipt(4, 3)).isNull();
        assertThat(onReceipt(-1, 4)).isEqualTo("has read it");
        assertThat(onReceipt(5, 5)).isNull();
    }

    @Test
    void aReceiptMayComeBeforeTheMessageIsShown() {
        assertThat(onReceipt(-1, 2)).isNull();
        chat.said(1);
        assertThat(chat.mark()).isEqualTo("has read it");
        chat.said(2);
        assertThat(chat.mark()).isEqualTo("has read it");
        chat.said(3);
        assertThat(chat.mark()).isNull();
    }
}
