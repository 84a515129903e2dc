using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.MessagingService.Conversations;

/// <summary>All messages of one person, and the lead that the person is in Zoho CRM.</summary>
internal sealed class ConversationRow
{
    public required TenantId TenantId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>E.164; null where the phone is not known.</summary>
    public string? Phone { get; set; }

    /// <summary>One for all spellings and forms of the person's phone; unique.</summary>
    public string? PhoneKey { get; set; }

    /// <summary>WhatsApp's, the last one that was told.</summary>
    public string? UserId { get; set; }

    public string? Name { get; set; }

    public int Messages { get; set; }

    public int Unread { get; set; }

    public required DateTimeOffset LastMessageAt { get; set; }

    public string LastText { get; set; } = "";

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>It and this one were found to be one person's: its messages are there.</summary>
    public Guid? JoinedInto { get; set; }

    public Conversation.Types.CrmState CrmState { get; set; } = Conversation.Types.CrmState.None;

    /// <summary>API name: Leads, or Contacts of a lead that was converted.</summary>
    public string? CrmModule { get; set; }

    public string? CrmRecordId { get; set; }

    public string CrmCode { get; set; } = "";

    public string CrmMessage { get; set; } = "";

    /// <summary>When Zoho CRM was asked to make its lead and has not answered: it may be there.</summary>
    public DateTimeOffset? LeadAskedAt { get; set; }

    /// <summary>When its note of first contact was written, or was found not to be writable; null before.</summary>
    public DateTimeOffset? NotedAt { get; set; }

    /// <summary>As <see cref="LeadAskedAt"/>, of that note.</summary>
    public DateTimeOffset? NoteAskedAt { get; set; }

    /// <summary>Nothing of it is tried before: its lead was asked for without an answer, or is held by somebody in Zoho CRM.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    public int Attempts { get; set; }
}

/// <summary>Which conversation a WhatsApp user's messages belong to.</summary>
internal sealed class ConversationUserRow
{
    public required TenantId TenantId { get; init; }

    /// <summary>Business-scoped.</summary>
    public required string UserId { get; init; }

    public required Guid ConversationId { get; set; }
}

/// <summary>The note that has a day of a conversation.</summary>
internal sealed class DayNoteRow
{
    public required TenantId TenantId { get; init; }

    public required Guid ConversationId { get; init; }

    /// <summary>UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Null until Zoho CRM has said it.</summary>
    public string? NoteId { get; set; }

    /// <summary>When Zoho CRM was asked to make it and has not answered.</summary>
    public DateTimeOffset? AskedAt { get; set; }

    /// <summary>A message of the day is not in it.</summary>
    public bool IsDirty { get; set; }
}
