#!/usr/bin/env perl
# The ranges of src/tokenizer/hf/script_ranges.inl, from Perl's Unicode tables: scripts as Unicode 9.0 has them.
#
#   make_script_ranges.pl > src/tokenizer/hf/script_ranges.inl && clang-format -i src/tokenizer/hf/script_ranges.inl
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap);

my %then = (0x589 => "Common", 0x61C => "Common", 0x953 => "Devanagari", 0x954 => "Devanagari");  # moved since
my %joined = (Hiragana => "Han", Katakana => "Han");
$then{0x30FC} = "Han";  # the mark of long vowels
$then{0x20} = "";       # spaces belong to what is before them

my ($starts, $scripts) = prop_invmap("Script");
my %numbers;
$numbers{$_} //= 0 for grep { $_ ne "Unknown" } @$scripts;
my $n = 0;
$numbers{$_} = ++$n for sort keys %numbers;

sub script_of {
  my ($c, $now) = @_;
  return $then{$c} if exists $then{$c};
  return "" if $now eq "Unknown" || ($c >= 0xD800 && $c <= 0xDFFF) || chr($c) !~ /\p{Present_In: 9.0}/;
  return $joined{$now} // $now;
}

print "// Scripts of Unicode 9.0, by scripts/make_script_ranges.pl: first and last code point, the script's number.\n";
my ($first, $current) = (0, "");
sub flush_range {
  my ($end) = @_;
  printf("{0x%X, 0x%X, %d},\n", $first, $end - 1, $numbers{$current}) if $current ne "";
}
for my $i (0 .. $#$starts) {
  my $end = $i < $#$starts ? $starts->[$i + 1] : 0x110000;
  for my $c ($starts->[$i] .. $end - 1) {
    my $script = script_of($c, $scripts->[$i]);
    next if $script eq $current;
    flush_range($c);
    ($first, $current) = ($c, $script);
  }
}
flush_range(0x110000);
