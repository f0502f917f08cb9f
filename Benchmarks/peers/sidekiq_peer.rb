# Sidekiq, open source edition: the same commands as peer.py has.

require "json"
require "sidekiq"

PAYLOAD = "x" * 248
ENQUEUERS = 64
CHUNK = 1000
HELD, GO, DONE, FIRST, LAST, WAITS, ROWS = 0, 1, 2, 3, 4, 5, 8

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)

# What a worker has done, in a file that whoever measures reads.
class Tally
  PAUSE = 0.002

  def initialize(path)
    @file = File.open(path, "r+b")
    @lock = Mutex.new
    @done = @last = 0
    @first = nil
    @waits = []
    @written = 0
    Thread.new { loop { write; sleep PAUSE } } # allowed: pause between two looks
  end

  def job(payload)
    moment = now
    @lock.synchronize do
      if @first.nil? then moment = @first = hold
      elsif payload[0] != "x" then @waits << moment - payload.to_i
      end
      @last = moment
      @done += 1
    end
  end

  private

  # The first job is held until told to go, so that no start-up is measured.
  def hold
    @file.pwrite([1].pack("q"), HELD * 8)
    sleep PAUSE until @file.pread(8, GO * 8).unpack1("q") == 1 # allowed: pause between two looks
    GC.start
    now
  end

  def write
    return unless @first
    waits = @waits.size
    rows = @waits[@written...waits]
    @file.pwrite(rows.pack("q*"), (ROWS + @written) * 8) unless rows.empty?
    @written = waits
    @file.pwrite([@done, @first, @last, waits].pack("q4"), DONE * 8)
  end
end

class Noop
  include Sidekiq::Worker
  sidekiq_options retry: 25

  def perform(payload)
    $tally.job(payload)
  end
end

def single(jobs)
  threads = Array.new(ENQUEUERS) do |number|
    Thread.new { (number...jobs).step(ENQUEUERS) { Noop.perform_async(PAYLOAD) } }
  end
  threads.each(&:join)
end

def bulk(jobs)
  (0...jobs).each_slice(CHUNK) { |slice| Sidekiq::Client.push_bulk("class" => Noop, "args" => slice.map { [PAYLOAD] }) }
end

def paced(jobs, rate)
  Noop.perform_async(PAYLOAD)
  puts "one"
  $stdin.gets
  start = now
  jobs.times do |number|
    due = start + (number / rate * 1e9).to_i
    wait = due - now
    sleep(wait / 1e9) if wait > 0 # allowed: the producer's pace
    Noop.perform_async(due.to_s.ljust(PAYLOAD.size))
  end
end

def seconds
  start = now
  yield
  puts (now - start) / 1e9
end

$stdout.sync = true
command, socket, third, rate = ARGV
redis = {url: "unix://#{socket}", driver: :hiredis}
Sidekiq.logger.level = Logger::ERROR
case command
when "work"
  # What `sidekiq -c 10 -q default` does, without its command line.
  require "sidekiq/cli"
  require "sidekiq/launcher"
  $tally = Tally.new(third)
  Sidekiq.configure_server do |config|
    config.redis = redis
    config.logger.level = Logger::ERROR
  end
  options = Sidekiq.options
  options[:concurrency] = 10
  options[:queues] = ["default"]
  options[:strict] = true
  Sidekiq::Launcher.new(options).run
  sleep # allowed: until it is killed
else
  Sidekiq.configure_client { |config| config.redis = {**redis, size: ENQUEUERS} }
  Sidekiq.redis(&:ping)
  case command
  when "bulk" then seconds { bulk(Integer(third)) }
  when "single" then seconds { single(Integer(third)) }
  when "paced" then paced(Integer(third), Float(rate))
  end
end
