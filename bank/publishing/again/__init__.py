"""What is filed composed once more from the books, and files held against them."""
