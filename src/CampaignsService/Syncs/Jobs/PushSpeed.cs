namespace ZohoPlatform.CampaignsService.Syncs.Jobs;

/// <summary>
/// Contacts a minute, over the last minute of this run; a run may be shorter than the sync's pace, and then it is what that pace makes of it.
/// </summary>
internal sealed class PushSpeed(int callsPerMinute, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<(TimeSpan At, int Contacts)> _ended = [];
    private readonly long _started = clock.GetTimestamp();
    private long _contacts;

    public double After(int contacts)
    {
        lock (_gate)
        {
            var now = clock.GetElapsedTime(_started);
            _ended.Enqueue((now, contacts));
            _contacts += contacts;
            while (_ended.TryPeek(out var oldest) && oldest.At < now - Window)
            {
                _contacts -= _ended.Dequeue().Contacts;
            }

            // a run that began just now has no minute yet, and its first second says nothing
            var minutes = Math.Clamp(now.TotalMinutes, 1.0 / 60, Window.TotalMinutes);
            return Math.Min(_contacts / minutes, (double)_contacts / _ended.Count * callsPerMinute);
        }
    }
}
