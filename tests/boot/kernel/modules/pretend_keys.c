// SPDX-License-Identifier: GPL-2.0
/*
 * Contacts between the lines of a gpio-sim chip, as the keys of a matrix make them.
 *
 * gpio-sim pulls a line up or down for good, but behind a key a column follows its row only while the row
 * is driven, some microseconds later: too soon for a program.  So this stands between the chip and gpiolib:
 * a line that is read while a closed contact joins it to an output has that output's level.
 *
 * /dev/pretend-keys   write "+5 12" closes the contact between the lines 5 and 12, "-5 12" opens it
 *                     read  how often each line was made an output: "5 1234\n" ...
 *
 * One contact deep: three keys on the corners of a rectangle do not close the fourth.
 */
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/gpio/driver.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define LINES 54
#define LABEL "pretend-board"

static struct gpio_chip *chip;
static struct gpio_chip before; /* the functions as gpio-sim made them */
static u64 contacts[LINES];
static unsigned int driven[LINES];
static DEFINE_MUTEX(contacts_lock);

static int level(struct gpio_chip *gc, unsigned int line)
{
	unsigned int other;
	int found = -1;

	mutex_lock(&contacts_lock);
	if (before.get_direction(gc, line) == GPIO_LINE_DIRECTION_IN) {
		for (other = 0; other < LINES && found < 0; other++)
			if (contacts[line] & BIT_ULL(other) &&
			    before.get_direction(gc, other) == GPIO_LINE_DIRECTION_OUT)
				found = before.get(gc, other);
	}
	mutex_unlock(&contacts_lock);
	return found < 0 ? before.get(gc, line) : found;
}

static int make_output(struct gpio_chip *gc, unsigned int line, int value)
{
	if (line < LINES)
		driven[line]++;
	return before.direction_output(gc, line, value);
}

static ssize_t move(struct file *file, const char __user *from, size_t length, loff_t *offset)
{
	char text[16], sign;
	unsigned int one, other;

	if (length >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, length))
		return -EFAULT;
	text[length] = 0;
	if (sscanf(text, "%c%u %u", &sign, &one, &other) != 3 || one >= LINES || other >= LINES)
		return -EINVAL;
	mutex_lock(&contacts_lock);
	if (sign == '+') {
		contacts[one] |= BIT_ULL(other);
		contacts[other] |= BIT_ULL(one);
	} else {
		contacts[one] &= ~BIT_ULL(other);
		contacts[other] &= ~BIT_ULL(one);
	}
	mutex_unlock(&contacts_lock);
	return length;
}

static ssize_t count(struct file *file, char __user *to, size_t room, loff_t *offset)
{
	char *text = kzalloc(LINES * 16, GFP_KERNEL);
	int line, length = 0;
	ssize_t given;

	if (!text)
		return -ENOMEM;
	for (line = 0; line < LINES; line++)
		if (driven[line])
			length += scnprintf(text + length, LINES * 16 - length, "%d %u\n", line,
					    driven[line]);
	given = simple_read_from_buffer(to, room, offset, text, length);
	kfree(text);
	return given;
}

static const struct file_operations hand = { .owner = THIS_MODULE, .read = count, .write = move };
static struct miscdevice keys = { .minor = MISC_DYNAMIC_MINOR, .name = "pretend-keys", .fops = &hand };

static int is_ours(struct gpio_chip *gc, void *data)
{
	return gc->ngpio >= LINES && gc->label && !strcmp(gc->label, LABEL);
}

static int __init begin(void)
{
	int failed;

	chip = gpiochip_find(NULL, is_ours);
	if (!chip)
		return -ENODEV;
	failed = misc_register(&keys);
	if (failed)
		return failed;
	before = *chip;
	chip->get = level;
	/* Without it gpiolib reads line by line, by the function above. */
	chip->get_multiple = NULL;
	chip->direction_output = make_output;
	return 0;
}

static void __exit end(void)
{
	chip->direction_output = before.direction_output;
	chip->get_multiple = before.get_multiple;
	chip->get = before.get;
	misc_deregister(&keys);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("contacts between the lines of a simulated GPIO chip, for tests");
