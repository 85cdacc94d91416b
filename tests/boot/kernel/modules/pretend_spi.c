// SPDX-License-Identifier: GPL-2.0
/*
 * A pretend SPI host with one chip select, for tests in a machine that has none.
 *
 * /dev/spidev0.0     as on a board with SPI switched on
 * /dev/pretend-spi   each read(2) gives one message that went out since the host was there:
 *                    "<CLOCK_MONOTONIC ns> <hertz> <mode> <sent, hexadecimal>\n"; nothing when none is left
 *
 * A message is what goes out while chip select is low, which is what a MAX7219 latches.  MISO is not wired:
 * it reads as zeros.  GPL, because the kernel lends its SPI functions to such modules alone.
 */
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#define KEPT_MESSAGES 65536

struct sent {
	struct list_head next;
	u64 at_ns;
	u32 hertz;
	u16 mode;
	unsigned int length;
	u8 bytes[];
};

static LIST_HEAD(messages);
static unsigned int kept;
static DEFINE_MUTEX(messages_lock);
static struct platform_device *board;
static struct spi_controller *host;

static void keep(struct sent *one)
{
	mutex_lock(&messages_lock);
	if (kept < KEPT_MESSAGES) {
		list_add_tail(&one->next, &messages);
		kept++;
	} else {
		kfree(one);
	}
	mutex_unlock(&messages_lock);
}

static int send(struct spi_controller *ctlr, struct spi_message *message)
{
	struct sent *one = kzalloc(sizeof(*one) + message->frame_length, GFP_KERNEL);
	struct spi_transfer *part;

	message->status = one ? 0 : -ENOMEM;
	list_for_each_entry(part, &message->transfers, transfer_list) {
		if (one && part->tx_buf) {
			memcpy(one->bytes + one->length, part->tx_buf, part->len);
			one->length += part->len;
		}
		if (part->rx_buf)
			memset(part->rx_buf, 0, part->len);
		if (one)
			one->hertz = part->speed_hz;
		message->actual_length += part->len;
	}
	if (one) {
		one->at_ns = ktime_get_ns();
		one->mode = message->spi->mode & 3;
		keep(one);
	}
	spi_finalize_current_message(ctlr);
	return 0;
}

static ssize_t tell(struct file *file, char __user *to, size_t room, loff_t *offset)
{
	struct sent *one;
	char *text;
	ssize_t length = 0;

	mutex_lock(&messages_lock);
	one = list_first_entry_or_null(&messages, struct sent, next);
	if (one) {
		text = kasprintf(GFP_KERNEL, "%llu %u %u %*phN\n", one->at_ns, one->hertz, one->mode,
				 min(one->length, 64u), one->bytes);
		length = text ? strlen(text) : -ENOMEM;
		if (length > (ssize_t)room)
			length = -EMSGSIZE;
		else if (length > 0 && copy_to_user(to, text, length))
			length = -EFAULT;
		kfree(text);
		if (length > 0) {
			list_del(&one->next);
			kept--;
			kfree(one);
		}
	}
	mutex_unlock(&messages_lock);
	return length;
}

static const struct file_operations told = { .owner = THIS_MODULE, .read = tell };
static struct miscdevice record = { .minor = MISC_DYNAMIC_MINOR, .name = "pretend-spi", .fops = &told };

static int add_host(void)
{
	struct spi_board_info panel = {
		.modalias = "dh2228fv", /* one of those that spidev takes */
		.max_speed_hz = 10000000,
		.bus_num = 0,
	};
	int failed;

	host = spi_alloc_master(&board->dev, 0);
	if (!host)
		return -ENOMEM;
	host->bus_num = 0;
	host->num_chipselect = 1;
	host->mode_bits = SPI_MODE_X_MASK;
	host->bits_per_word_mask = SPI_BPW_MASK(8);
	host->transfer_one_message = send;
	failed = spi_register_controller(host);
	if (failed) {
		spi_controller_put(host);
		return failed;
	}
	if (!spi_new_device(host, &panel)) {
		spi_unregister_controller(host);
		return -ENODEV;
	}
	return 0;
}

static int __init begin(void)
{
	int failed;

	board = platform_device_register_simple("pretend-spi", -1, NULL, 0);
	if (IS_ERR(board))
		return PTR_ERR(board);
	failed = add_host();
	if (!failed) {
		failed = misc_register(&record);
		if (failed)
			spi_unregister_controller(host);
	}
	if (failed)
		platform_device_unregister(board);
	return failed;
}

static void __exit end(void)
{
	struct sent *one, *later;

	misc_deregister(&record);
	spi_unregister_controller(host);
	platform_device_unregister(board);
	list_for_each_entry_safe(one, later, &messages, next)
		kfree(one);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a pretend SPI host for tests");
