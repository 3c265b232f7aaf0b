"""The bundled workspace's data: generators that run inside the engines, relative to the moment of filling."""
