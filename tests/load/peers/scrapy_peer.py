"""Crawls one site with Scrapy, 16 requests at once: every link of the same host, and each page's title."""

import sys
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor

START = sys.argv[1]


class Peer(scrapy.Spider):
    name = "peer"
    start_urls = [START]
    links = LinkExtractor(allow_domains=[urlsplit(START).netloc])

    def parse(self, response):
        response.css("title::text").get()
        for link in self.links.extract_links(response):
            yield scrapy.Request(link.url)


process = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "COOKIES_ENABLED": False,
        "RETRY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }
)
process.crawl(Peer)
process.start()
